/** A fingerprint as the words that two people read to each other, numbered so that nobody loses the place. */
export function Words(props: {
  readonly words: readonly string[];
  /** What they are the words of, where no heading says it. */
  readonly label?: string;
  /** Of the page for browsers, which sets them larger. */
  readonly className?: string;
}) {
  return (
    <ol
      className={`card-words${props.className === undefined ? '' : ` ${props.className}`}`}
      {...(props.label === undefined ? {} : { 'aria-label': props.label })}
    >
      {props.words.map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  );
}
