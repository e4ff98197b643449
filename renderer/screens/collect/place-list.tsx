import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '../../components/button.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useApplication } from '../../stores/context.tsx';

/** Several files, or files and addresses: one a row. Empty rows count for nothing. */
export function PlaceList(props: {
  /** Of one, without its number: `Advisories`. */
  readonly label: string;
  readonly places: readonly string[];
  readonly onChange: (places: string[]) => void;
  readonly add: string;
  readonly placeholder: string;
}) {
  const { collect } = useApplication();
  const { label, places } = props;
  return (
    <>
      {places.map((place, index) => (
        <div className="place-row" key={index}>
          <PathField
            label={`${label} ${index + 1}`}
            value={place}
            onChange={(value) => props.onChange(places.map((each, at) => (at === index ? value : each)))}
            pick={() => collect.getState().pickFile(label, '')}
            placeholder={props.placeholder}
          />
          <IconButton
            label={`Remove ${label.toLowerCase()} ${index + 1}`}
            icon={Trash2}
            onPress={() => props.onChange(places.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button icon={Plus} onPress={() => props.onChange([...places, ''])}>
          {props.add}
        </Button>
      </div>
    </>
  );
}
