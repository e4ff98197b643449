import { z } from 'zod';
import { command, nothing, query, type Channel } from './channel.ts';
import { MediumView } from './custody.ts';
import {
  ChangeMyPassphrase,
  CreateMyKey,
  DeskPackId,
  DeskPackView,
  ExportAnswer,
  ImportMyKey,
  MyKeyView,
  RotateMyKey,
  SavedFile,
  SaveEnrolment,
  SaveMyKey,
  SignedAnswer,
  Silence,
  TrustSite,
} from './packs.ts';
import { ReadEnrolment } from './reviewers.ts';
import { DraftRow, ReviewPatchDetail, ReviewSheet, SheetPart } from './reviews.ts';
import {
  DeskSite,
  DeskStatement,
  OtherKey,
  SignDelegation,
  SignEmergency,
  SignPolicy,
  WriteStatement,
} from './statements.ts';
import { Sha256 } from './vocabulary.ts';

/** Channels of the Review workspace, the customer's own desk. Rows of the one table in channels.ts. */
export const DESK_CHANNELS = {
  // The Review workspace. It has no accounts: whoever is at the machine is the customer, and only their passphrase signs.
  'packs.list': query(nothing, z.array(DeskPackView), 'anyone'),
  /** Checks the signature before anything is parsed, and keeps the bytes. The same pack again is the same entry. */
  'packs.open': command(z.strictObject({ file: z.string().min(1).max(4_096) }), DeskPackView, 'anyone'),
  'packs.sheet': query(
    DeskPackId.extend({ part: SheetPart.nullable().default(null) }),
    ReviewSheet,
    'anyone',
  ),
  /** What silence will mean for the patches that are undecided now. */
  'packs.silence': query(DeskPackId, Silence, 'anyone'),
  'packs.patch': query(DeskPackId.extend({ patch: Sha256 }), ReviewPatchDetail, 'anyone'),
  /** Saved at once. `clear`: patches that are undecided again. */
  'packs.draft': command(
    DeskPackId.extend({
      rows: z.array(DraftRow).max(200_000),
      clear: z.array(Sha256).max(200_000).default([]),
    }),
    DeskPackView,
    'anyone',
  ),
  'packs.trustSite': command(TrustSite, DeskPackView, 'anyone'),
  /** Signs once and writes a new file; later it writes the same signed decision again. */
  'packs.export': command(ExportAnswer, SignedAnswer, 'anyone', ['passphrase']),
  /** Media that are mounted now. */
  'packs.media': query(nothing, z.array(MediumView), 'anyone'),
  'myKey.get': query(nothing, MyKeyView, 'anyone'),
  'myKey.create': command(CreateMyKey, MyKeyView, 'anyone', ['passphrase']),
  /** A new key; the old one is retired and kept. The way out when its passphrase is lost. */
  'myKey.rotate': command(RotateMyKey, MyKeyView, 'anyone', ['passphrase']),
  /** From another machine, or a backup copy: of the key that signs now it takes the place of the file, another retires that one. */
  'myKey.import': command(ImportMyKey, MyKeyView, 'anyone', ['passphrase']),

  /** Sites that packs were opened from and whose key was compared, with their groups and the policies that are known here. */
  'statements.sites': query(nothing, z.array(DeskSite), 'anyone'),
  /** Everything that was signed here beside decisions, newest first. */
  'statements.list': query(nothing, z.array(DeskStatement), 'anyone'),
  /** Whose key an enrolment file or text brings. Takes nothing in. */
  'statements.readKey': query(ReadEnrolment, OtherKey, 'anyone'),
  /** Each signs, keeps the signed bytes, and writes them to a new file. */
  'statements.signPolicy': command(SignPolicy, DeskStatement, 'anyone', ['passphrase']),
  'statements.signDelegation': command(SignDelegation, DeskStatement, 'anyone', ['passphrase']),
  'statements.signEmergency': command(SignEmergency, DeskStatement, 'anyone', ['passphrase']),
  /** Writes again what was signed, byte for byte. */
  'statements.write': command(WriteStatement, DeskStatement, 'anyone'),
  'myKey.changePassphrase': command(ChangeMyPassphrase, MyKeyView, 'anyone', ['passphrase', 'newPassphrase']),
  /** A backup copy, sealed as the key is. */
  'myKey.export': command(SaveMyKey, SavedFile, 'anyone'),
  /** What the site has to enrol. Holds no secret. */
  'myKey.saveEnrolment': command(SaveEnrolment, SavedFile, 'anyone'),
} as const satisfies Record<string, Channel>;
