import { createContext, useContext, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Application } from './application.ts';

const ApplicationContext = createContext<Application | null>(null);

export function ApplicationProvider(props: {
  readonly application: Application;
  readonly children: ReactNode;
}) {
  return <ApplicationContext value={props.application}>{props.children}</ApplicationContext>;
}

export function useApplication(): Application {
  const application = useContext(ApplicationContext);
  if (application === null) throw new Error('A screen was mounted outside the application.');
  return application;
}

/** The clock, to the second; pass a coarser grain where only minutes are shown, so that less is drawn again. */
export function useNow(grainMs = 1_000): number {
  const { clock } = useApplication();
  return useStore(clock, (state) => Math.floor(state.now / grainMs) * grainMs);
}
