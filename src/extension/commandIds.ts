/** The commands as `package.json` declares them. */
export const COMMANDS = {
  trigger: 'qwenCoder.trigger',
  enable: 'qwenCoder.enable',
  disable: 'qwenCoder.disable',
  enableLanguage: 'qwenCoder.enableLanguage',
  disableLanguage: 'qwenCoder.disableLanguage',
  showMenu: 'qwenCoder.showMenu',
  showEngineStatus: 'qwenCoder.showEngineStatus',
  showLog: 'qwenCoder.showLog',
  openSettings: 'qwenCoder.openSettings',
  restartEngine: 'qwenCoder.restartEngine',
  models: 'qwenCoder.models',
  downloadModel: 'qwenCoder.downloadModel',
  chooseModelFile: 'qwenCoder.chooseModelFile',
  openChat: 'qwenCoder.openChat',
  newChat: 'qwenCoder.newChat',
  chatHistory: 'qwenCoder.chatHistory',
  renameChat: 'qwenCoder.renameChat',
  exportChat: 'qwenCoder.exportChat',
  addToChat: 'qwenCoder.addToChat',
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];
