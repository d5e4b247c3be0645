/** The list of earlier chats, with a button on each to delete it. */
import * as vscode from 'vscode';
import type { Conversation } from '../../assist/chat/conversation';
import type { ChatHistory } from './chatHistory';

export type Picked =
  | { readonly action: 'open'; readonly conversation: Conversation }
  /** The chat that is open now was deleted. */
  | { readonly action: 'deleted-open' };

interface Row extends vscode.QuickPickItem {
  readonly conversation: Conversation;
}

const DELETE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('trash'),
  tooltip: 'Delete this chat',
};

/** @returns undefined where nothing was chosen */
export function pickConversation(history: ChatHistory, openId: string): Promise<Picked | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<Row>();
    let deletedOpen = false;
    const refresh = (): void => {
      pick.items = history.conversations.map((conversation) => ({
        label: conversation.title,
        description: `${conversation.id === openId ? 'open, ' : ''}${dateOf(conversation)}`,
        buttons: [DELETE],
        conversation,
      }));
    };
    pick.title = 'Chats of this workspace';
    pick.placeholder = 'Choose a chat to open it';
    pick.onDidTriggerItemButton(({ item }) => {
      history.delete(item.conversation.id);
      deletedOpen ||= item.conversation.id === openId;
      refresh();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) resolve({ action: 'open', conversation: chosen.conversation });
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      // After a choice this says nothing any more.
      resolve(deletedOpen ? { action: 'deleted-open' } : undefined);
    });
    refresh();
    pick.show();
  });
}

const dateOf = ({ changedAt }: Conversation): string =>
  new Date(changedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
