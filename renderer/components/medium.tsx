import type { Medium } from '../stores/catalogue-store.ts';

export const mediumName = (medium: Medium): string => medium.label ?? medium.mountPoint;

/** Name of a medium, and what tells it from others. @param first the fact that comes before its file system */
export function MediumText(props: { readonly medium: Medium; readonly first: string }) {
  const { medium } = props;
  const facts = [
    props.first,
    medium.fileSystem ?? '',
    medium.readOnly ? 'read only' : '',
    medium.serial === null ? '' : `serial ${medium.serial}`,
  ];
  return (
    <span className="medium-text">
      <strong>{mediumName(medium)}</strong>
      <span className="soft">{facts.filter((text) => text !== '').join(', ')}</span>
    </span>
  );
}

/** What lies on it: a bundle, or one medium of several. */
export function MediumBundle(props: { readonly medium: Medium }) {
  const { bundle } = props.medium;
  const volume = bundle !== null && bundle.volumes > 1 ? `, ${bundle.volume} of ${bundle.volumes}` : '';
  return (
    <span className="medium-bundle">{bundle === null ? 'No bundle on it' : `${bundle.id}${volume}`}</span>
  );
}
