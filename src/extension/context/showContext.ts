/** *Show Context*: what the prompts of the active document show of other places, to be opened, pinned or removed. */
import * as vscode from 'vscode';
import type { PlacedChunk } from '../../completion/context/contextKeeper';
import { pathOf } from '../paths';
import type { SettingValues } from '../settingValues';
import { contextRow, contextTitle, emptyReason } from './contextRows';
import type { EditorContext } from './editorContext';

type Row = vscode.QuickPickItem &
  (
    | { readonly kind?: undefined; readonly row: 'chunk'; readonly placed: PlacedChunk }
    | { readonly kind?: undefined; readonly row: 'restore' | 'settings' | 'reason' }
    | { readonly kind: vscode.QuickPickItemKind.Separator; readonly row: 'separator' }
  );

const PIN: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('pin'), tooltip: 'Pin' };
const UNPIN: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('pinned'), tooltip: 'Unpin' };
const REMOVE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('close'), tooltip: 'Remove' };

/** Two seconds in all. */
const FIRST_TRIES = 5;
const TRY_AGAIN_MS = 500;

/** Shows the list until the person leaves it. Enter on a chunk offers all that its buttons do, and to open it. */
export async function showContext(
  context: EditorContext,
  settingsOf: (document: vscode.TextDocument) => SettingValues,
): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    void vscode.window.showInformationMessage(
      'Open a file first: context belongs to the file that you write in.',
    );
    return;
  }
  await firstChunks(context, document);
  let active = 0;
  for (;;) {
    const chosen = await pickRow(context, document, settingsOf(document), active);
    if (chosen === undefined) return;
    if (chosen.row === 'settings') {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'qwenCoder.contextSources');
      return;
    }
    if (chosen.row === 'restore') {
      context.keeper.restore(document.uri.toString());
      await context.refresh();
    }
    if (chosen.row === 'chunk') {
      active = context.chunks(document).findIndex(({ key }) => key === chosen.placed.key);
      if ((await actOn(context, document, chosen.placed)) === 'left') return;
    }
  }
}

/** A language server that has just been started answers only after a while. */
async function firstChunks(context: EditorContext, document: vscode.TextDocument): Promise<void> {
  for (let tries = 0; tries < FIRST_TRIES && context.chunks(document).length === 0; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    await context.refresh();
  }
}

function pickRow(
  context: EditorContext,
  document: vscode.TextDocument,
  settings: SettingValues,
  active: number,
): Promise<Row | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<Row>();
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.placeholder = 'What the model reads besides the text around the cursor. Enter: open, pin or remove.';
    const update = (at: number): void => {
      const chunks = context.chunks(document);
      pick.title = contextTitle(pathOf(document.uri), chunks, settings.maxContextTokens);
      pick.items = rowsOf(context, document, settings);
      const row = pick.items[Math.min(at, chunks.length - 1)];
      if (row !== undefined) pick.activeItems = [row];
    };
    pick.onDidTriggerItemButton(async ({ item, button }) => {
      if (item.row !== 'chunk') return;
      const at = pick.items.indexOf(item);
      await change(context, document, item.placed, button === REMOVE ? 'remove' : 'pin');
      update(at);
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      // After a choice this says nothing any more.
      resolve(undefined);
    });
    update(active);
    pick.show();
  });
}

function rowsOf(context: EditorContext, document: vscode.TextDocument, settings: SettingValues): Row[] {
  const chunks = context.chunks(document);
  const rows: Row[] = chunks.map((placed) => ({
    ...contextRow(placed),
    row: 'chunk',
    placed,
    buttons: [placed.pinned ? UNPIN : PIN, REMOVE],
  }));
  if (chunks.length === 0) {
    const label = `$(info) ${emptyReason(settings, context.factsOf(document))}`;
    rows.push({ row: 'reason', label, alwaysShow: true });
  }
  rows.push({ row: 'separator', kind: vscode.QuickPickItemKind.Separator, label: '' });
  const removed = context.keeper.removedCount(document.uri.toString());
  if (removed > 0)
    rows.push({ row: 'restore', label: `$(discard) Let what was removed come back (${removed})` });
  rows.push({ row: 'settings', label: '$(gear) Choose sources…' });
  return rows;
}

/** What can be done with a chunk, by keyboard. @returns whether the person has gone somewhere else */
async function actOn(
  context: EditorContext,
  document: vscode.TextDocument,
  placed: PlacedChunk,
): Promise<'left' | 'back'> {
  const { pinned, chunk } = placed;
  const rows = [
    { label: '$(go-to-file) Open', action: 'open' },
    {
      label: pinned ? '$(pinned) Unpin' : '$(pin) Pin',
      description: 'stays in for this file',
      action: 'pin',
    },
    { label: '$(close) Remove', description: 'not again for this file in this session', action: 'remove' },
  ] as const;
  const title = contextRow(placed).label.replace(/^\$\([^)]*\) /, '');
  const chosen = await vscode.window.showQuickPick(rows, { title, placeHolder: chunk.path });
  if (chosen === undefined) return 'back';
  if (chosen.action === 'open') {
    await open(placed);
    return 'left';
  }
  await change(context, document, placed, chosen.action);
  return 'back';
}

async function change(
  context: EditorContext,
  document: vscode.TextDocument,
  { key, pinned }: PlacedChunk,
  action: 'pin' | 'remove',
): Promise<void> {
  const uri = document.uri.toString();
  if (action === 'pin') context.keeper.pin(uri, key, !pinned);
  else context.keeper.remove(uri, key);
  await context.refresh();
}

async function open({ chunk }: PlacedChunk): Promise<void> {
  const line = Math.max(0, (chunk.startLine ?? 1) - 1);
  const at = new vscode.Position(line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(chunk.uri), { selection: new vscode.Range(at, at) });
}
