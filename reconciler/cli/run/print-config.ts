import type { Command } from 'commander';
import { envNameOf, SETTING_KEYS, SETTINGS, type SettingSpec, type Settings } from '../../settings.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { table } from '../../text/table.ts';
import { color, json, out } from '../../text/terminal.ts';

/** Prints every setting in force and where it came from: flag, environment or default. Secrets are not printed. */
export function printConfig(settings: Settings, command: Command, endpoint: string | undefined, asJson: boolean): void {
  const rows = SETTING_KEYS.map((key) => ({
    flag: SETTINGS[key].flag,
    value: shown(settings, key),
    source: sourceOf(command, key),
  }));
  if (asJson) {
    const entries = rows.map(({ flag, value, source }) => [flag, { value, source }]);
    json({ endpoint: endpoint ?? null, settings: Object.fromEntries(entries) });
    return;
  }
  const head = ['FLAG', 'VALUE', 'FROM', 'VARIABLE'].map((h) => color.dim(h));
  const body = rows.map(({ flag, value, source }) => [`--${flag}`, escapeTerminal(value), source, envNameOf(flag)]);
  out(table([head, ...body]));
}

function shown(settings: Settings, key: keyof Settings): string {
  const { secret, show = String }: SettingSpec<unknown> = SETTINGS[key];
  const value = settings[key];
  if (value === undefined) return '';
  return secret ? '(set, not shown)' : show(value);
}

const NAMES: Readonly<Record<string, string>> = { cli: 'flag', env: 'environment' };

const sourceOf = (command: Command, key: keyof Settings): string =>
  NAMES[command.getOptionValueSource(key) ?? ''] ?? 'default';
