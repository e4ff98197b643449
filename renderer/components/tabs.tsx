import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components';

export interface TabContent {
  readonly id: string;
  readonly title: string;
  readonly count?: string;
  readonly content: ReactNode;
}

/** Views of the same object, beside each other. Only the chosen one is mounted. */
export function Tabs(props: {
  readonly label: string;
  readonly tabs: readonly TabContent[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
  readonly aside?: ReactNode;
}) {
  const known = props.tabs.some((tab) => tab.id === props.chosen);
  return (
    <AriaTabs
      className="tabs"
      selectedKey={known ? props.chosen : (props.tabs[0]?.id ?? props.chosen)}
      onSelectionChange={(key) => props.onChoose(String(key))}
    >
      <div className="tab-bar">
        <TabList className="tab-list" aria-label={props.label}>
          {props.tabs.map((tab) => (
            <Tab key={tab.id} id={tab.id} className="tab">
              {tab.title}
              {tab.count !== undefined && <span className="tab-count">{tab.count}</span>}
            </Tab>
          ))}
        </TabList>
        {props.aside}
      </div>
      {props.tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className="tab-panel">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
