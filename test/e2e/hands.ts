import type { Page } from 'playwright-core';

/** How long a person waits for the window: endpoints are scanned and patched behind it. */
export const PATIENCE_MS = 120_000;

export interface Someone {
  readonly name: string;
  readonly passphrase: string;
}

/** What a person does in a window, by the words that they read there. */
export class Hands {
  readonly page: Page;

  constructor(page: Page, patienceMs = PATIENCE_MS) {
    this.page = page;
    page.setDefaultTimeout(patienceMs);
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  fill(label: string, value: string): Promise<void> {
    return this.page.getByLabel(label, { exact: true }).fill(value);
  }

  /** Opens a screen from the rail. */
  go(screen: string): Promise<void> {
    return this.page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: new RegExp(`^${screen}`) })
      .click();
  }

  openTab(name: RegExp): Promise<void> {
    return this.page.getByRole('tab', { name }).click();
  }

  async choose(label: string, option: string): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(`${label}$`) }).click();
    await this.page.getByRole('option', { name: option }).click();
  }

  /** Sets or clears a tick. @param words of the label, without its hint */
  tick(words: string): Promise<void> {
    return this.page.locator('.checkbox').filter({ hasText: words }).locator('.checkbox-box').click();
  }

  /** Locks the window and signs in as somebody else. */
  async signIn(person: Someone): Promise<void> {
    await this.press('Lock');
    await this.choose('Who', person.name);
    await this.fill('Passphrase', person.passphrase);
    await this.press('Sign in');
    await this.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  }
}
