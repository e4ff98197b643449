import { createHash } from 'node:crypto';
import { writeCabinet } from './cabinet-writer.ts';

/** Makes files of the shape of `wsusscn2.cab`, of updates that are made up. */

export interface MadeUpdate {
  /** RevisionId; the update's other ids follow from it. */
  readonly revision: number;
  readonly kb?: string;
  readonly title?: string;
  readonly severity?: string;
  readonly supersededBy?: readonly number[];
  readonly createdAt?: string;
  readonly payload?: readonly MadePayload[];
  /** Of updates that must be installed before. */
  readonly prerequisites?: readonly (readonly number[])[];
  readonly product?: string;
}

export interface MadePayload {
  readonly name: string;
  readonly data: Uint8Array;
  /** Microsoft gives it for newer files. */
  readonly withSha256?: boolean;
}

export type Pack = (files: readonly { readonly name: string; readonly data: Buffer }[]) => Buffer;

const packOurs: Pack = (files) => writeCabinet([{ compression: 'mszip', files }]);

export const SECURITY_UPDATES = '0fa1201d-4330-4fa8-8ae9-b877473b6441';
/** Revisions of categories and of the parts that hold an update's files lie apart from those of updates. */
const CATEGORY_REVISIONS = 900_000;
const PART_REVISIONS = 1_000_000;

/** The UpdateId that belongs to a RevisionId here. */
export const updateIdOf = (revision: number): string =>
  `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`;

const digest = (algorithm: string, data: Uint8Array): string =>
  createHash(algorithm).update(data).digest('base64');
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function packageXml(updates: readonly MadeUpdate[], products: readonly string[]): string {
  const categories = products.map(
    (_, index) =>
      `<Update UpdateId="${updateIdOf(CATEGORY_REVISIONS + index)}" RevisionNumber="1" RevisionId="${CATEGORY_REVISIONS + index}" CreationDate="2019-01-01T00:00:00Z"/>`,
  );
  const locations: string[] = [];
  const rows = updates.flatMap((update) => {
    const product = updateIdOf(CATEGORY_REVISIONS + products.indexOf(update.product ?? products[0] ?? ''));
    const groups = (update.prerequisites ?? []).map(
      (group) => `<Or>${group.map((id) => `<UpdateId Id="${updateIdOf(id)}"/>`).join('')}</Or>`,
    );
    const row = `<Update CreationDate="${update.createdAt ?? '2024-01-09T18:00:00Z'}" DefaultLanguage="en" UpdateId="${updateIdOf(update.revision)}" RevisionNumber="200" RevisionId="${update.revision}" IsLeaf="true" IsBundle="true"><SupersededBy>${(
      update.supersededBy ?? []
    )
      .map((id) => `<Revision Id="${id}"/>`)
      .join(
        '',
      )}</SupersededBy><Prerequisites><UpdateId Id="${product}"/>${groups.join('')}</Prerequisites><Categories><Category Type="Company" Id="56309036-4c77-4dd9-951a-99ee9c246a94"/><Category Type="Product" Id="${product}"/><Category Type="UpdateClassification" Id="${SECURITY_UPDATES}"/></Categories></Update>`;
    const payload = update.payload ?? [];
    if (payload.length === 0) return [row];
    const part = PART_REVISIONS + update.revision;
    for (const file of payload)
      locations.push(
        `<FileLocation Id="${digest('sha1', file.data)}" Url="http://download.windowsupdate.com/c/${file.name}"/>`,
      );
    const files = payload.map((file) => `<File Id="${digest('sha1', file.data)}"/>`).join('');
    return [
      row,
      `<Update CreationDate="2024-01-09T18:00:00Z" UpdateId="${updateIdOf(part)}" RevisionNumber="200" RevisionId="${part}" DeploymentAction="Bundle"><BundledBy><Revision Id="${update.revision}"/></BundledBy><PayloadFiles>${files}</PayloadFiles></Update>`,
    ];
  });
  return `<?xml version="1.0" encoding="utf-8"?><OfflineSyncPackage xmlns="http://schemas.microsoft.com/msus/2004/02/OfflineSync" MinimumClientVersion="5.8.0.2678" ProtocolVersion="1.0" PackageId="cf8c9e2e-0000-4000-8000-000000000001" SourceId="cf8c9e2e-0000-4000-8000-000000000002" CreationDate="2024-02-13T20:00:00Z"><Updates>${[...categories, ...rows].join('\n')}</Updates><FileLocations>${locations.join('\n')}</FileLocations></OfflineSyncPackage>`;
}

function describe(update: MadeUpdate): { name: string; data: Buffer }[] {
  const { revision } = update;
  const kb = update.kb ?? String(5_000_000 + revision);
  const title =
    update.title ?? `2024-01 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB${kb})`;
  const files = (update.payload ?? []).map(
    (file) =>
      `<File Digest="${digest('sha1', file.data)}" DigestAlgorithm="SHA1" FileName="${escape(file.name)}" Size="${file.data.length}" Modified="2024-01-03T00:00:00Z" PatchingType="SelfContained">${
        file.withSha256 === false
          ? ''
          : `<AdditionalDigest Algorithm="SHA256">${digest('sha256', file.data)}</AdditionalDigest>`
      }</File>`,
  );
  const text = (name: string, body: string) => ({ name, data: Buffer.from(body) });
  return [
    text(
      `c\\${revision}`,
      `<UpdateIdentity UpdateID="${updateIdOf(revision)}" RevisionNumber="200" /><Properties UpdateType="Software" />`,
    ),
    text(
      `x\\${revision}`,
      `<ExtendedProperties DefaultPropertiesLanguage="en" MsrcSeverity="${update.severity ?? 'Important'}" IsBeta="false"><InstallationBehavior RebootBehavior="CanRequestReboot" /><SupportUrl>https://support.microsoft.com/help/${kb}</SupportUrl><SecurityBulletinID /><KBArticleID>${kb}</KBArticleID></ExtendedProperties>`,
    ),
    text(
      `l\\en\\${revision}`,
      `<LocalizedProperties><Language>en</Language><Title>${escape(title)}</Title><Description>Install this update to resolve issues in Windows.</Description></LocalizedProperties>`,
    ),
    ...(files.length === 0
      ? []
      : [
          text(
            `x\\${PART_REVISIONS + revision}`,
            `<ExtendedProperties DefaultPropertiesLanguage="en" MaxDownloadSize="1" /><Files>${files.join('')}</Files>`,
          ),
        ]),
  ];
}

/** @param perCabinet updates described in each of the inner cabinets */
export function makeOfflineScan(
  updates: readonly MadeUpdate[],
  options: { readonly pack?: Pack; readonly perCabinet?: number } = {},
): Buffer {
  const pack = options.pack ?? packOurs;
  const perCabinet = options.perCabinet ?? 2;
  const products = [
    ...new Set(updates.map((update) => update.product ?? 'Windows 10, version 1903 and later')),
  ];
  const described: { name: string; data: Buffer }[][] = [
    products.map((product, index) => ({
      name: `l\\en\\${CATEGORY_REVISIONS + index}`,
      data: Buffer.from(
        `<LocalizedProperties><Language>en</Language><Title>${escape(product)}</Title></LocalizedProperties>`,
      ),
    })),
  ];
  for (let at = 0; at < updates.length; at += perCabinet)
    described.push(updates.slice(at, at + perCabinet).flatMap(describe));
  const cabinets = described.map((files, index) => ({ name: `package${index + 2}.cab`, data: pack(files) }));
  const index = `<INDEX VERSION="1"><CABLIST XOR="0"><CAB NAME="package.cab"/>${cabinets
    .map(({ name }, at) => `<CAB NAME="${name}" RANGESTART="${at}"/>`)
    .join('')}</CABLIST></INDEX>`;
  return pack([
    { name: 'index.xml', data: Buffer.from(index) },
    {
      name: 'package.cab',
      data: pack([{ name: 'package.xml', data: Buffer.from(packageXml(updates, products)) }]),
    },
    ...cabinets,
  ]);
}
