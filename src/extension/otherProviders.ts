/**
 * Other extensions that suggest as one types. The editor shows one suggestion at a time, whichever comes first, so two of
 * them look like one that cannot make up its mind. The person is told once, and decides.
 */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from './disposables';
import { otherProviders } from './knownProviders';

const TOLD_KEY = 'otherProvidersTold';
/** Others are activated by then, in milliseconds. */
const LOOK_AFTER_MS = 15_000;

export interface OtherProvidersDeps {
  readonly memory: vscode.Memento;
  readonly enabled: () => boolean;
  readonly disable: () => Thenable<void>;
}

/** Looks once for others, some time after the start, and says so if nobody has been told of them before. */
export function tellOfOtherProviders({ memory, enabled, disable }: OtherProvidersDeps): DisposableLike {
  const owned = new Disposables();
  const look = async (): Promise<void> => {
    const running = vscode.extensions.all.filter(({ isActive }) => isActive).map(({ id }) => id);
    const told = memory.get<readonly string[]>(TOLD_KEY, []);
    const news = otherProviders(running).filter(({ name }) => !told.includes(name));
    const [other] = news;
    if (other === undefined || !enabled()) return;
    await memory.update(TOLD_KEY, [...told, ...news.map(({ name }) => name)]);
    const names = news.map(({ name }) => name).join(' and ');
    const [keep, mine, theirs] = ['Keep Both', 'Switch Off Qwen Coder', `Settings of ${other.name}`];
    const chosen = await vscode.window.showInformationMessage(
      `${names} may suggest code here too. The editor shows one suggestion at a time, whichever comes first, so it is better to have one of them.`,
      keep,
      mine,
      theirs,
    );
    if (chosen === mine) await disable();
    if (chosen === theirs) {
      const query = other.setting === undefined ? other.name : `@id:${other.setting}`;
      await vscode.commands.executeCommand('workbench.action.openSettings', query);
    }
  };
  const timer = setTimeout(() => void look(), LOOK_AFTER_MS);
  owned.add({ dispose: () => clearTimeout(timer) });
  return owned;
}
