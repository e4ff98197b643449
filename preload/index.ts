import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { Reply } from '../contract/channels.ts';
import type { Topic } from '../contract/topics.ts';
import type { Bridge } from './bridge.ts';

// No list of names and no schema here: the shell and the engine check both, and this file stays small enough to read.
const bridge: Bridge = {
  invoke(name, input) {
    return ipcRenderer.invoke('contract:invoke', name, input) as Promise<Reply>;
  },
  invokeText(name, input) {
    return ipcRenderer.invoke('contract:invokeText', name, input) as Promise<string>;
  },
  subscribe(listener) {
    // The event object leads to ipcRenderer: it must not reach the page.
    const forward = (_event: IpcRendererEvent, topic: Topic): void => listener(topic);
    ipcRenderer.on('contract:topic', forward);
    return () => void ipcRenderer.off('contract:topic', forward);
  },
};

contextBridge.exposeInMainWorld('sallyport', bridge);
