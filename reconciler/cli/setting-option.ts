import { InvalidArgumentError, Option } from 'commander';
import { envNameOf, SETTINGS, type SettingSpec, type Settings } from '../settings.ts';

/**
 * Returns the flag of a setting, with its environment variable. Commander decides which of them wins and remembers
 * where a value came from. An empty variable counts as none: containers often get empty variables.
 */
export function settingOption(key: keyof Settings): Option {
  const { flag, placeholder, help, parse }: SettingSpec<unknown> = SETTINGS[key];
  const option = new Option(`--${flag} <${placeholder}>`, help).argParser((text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`It ${(error as Error).message}.`);
    }
  });
  const variable = envNameOf(flag);
  return process.env[variable] === '' ? option : option.env(variable);
}
