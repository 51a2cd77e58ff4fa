/** Completion scripts for bash, zsh and fish. Each is static text: to complete a word calls nothing. */
import type { Flag, Node } from './tree.ts';

/** Every node below and with this one. */
const all = (node: Node): Node[] => [node, ...node.children.flatMap(all)];

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const words = ({ children, flags }: Node): string[] => [
  ...children.map((c) => c.name),
  ...flags.map((f) => f.long),
  '--help',
];

/** Returns the first sentence part of a description, for a list of completions. */
const short = (text: string): string => text.split(/[;(\n]/)[0]!.trim();

/** Returns the script for bash. It completes files where no word fits. */
export function bash(root: Node): string {
  const cases = all(root).map((node) => `    ${quoted(node.path)}) words=${quoted(words(node).join(' '))} ;;`);
  const values = all(root).flatMap(({ path, flags }) =>
    flags
      .filter((f) => f.choices.length > 0)
      .map((f) => `    ${quoted(`${path} ${f.long}`)}) words=${quoted(f.choices.join(' '))} ;;`),
  );
  const groups = all(root).filter((n) => n.children.length > 0 && n.path !== '');
  return `# sluice completion bash: source it, or put it into /etc/bash_completion.d/sluice
_sluice() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) continue ;; esac
    if [ -z "$path" ]; then path=$word; continue; fi
    case $path in ${groups.map((g) => g.path).join('|')}) path="$path $word" ;; esac
  done
  case "$path $previous" in
${values.join('\n')}
    *) case $path in
${cases.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _sluice sluice
`;
}

/** Returns the script for zsh, with descriptions. */
export function zsh(root: Node): string {
  return `#compdef sluice
# sluice completion zsh: put it into a folder of $fpath as _sluice
${all(root).map(zshFunction).join('\n')}
compdef _sluice sluice 2>/dev/null
`;
}

const zshName = ({ path }: Node): string => `_sluice${path === '' ? '' : `_${path.replaceAll(/\W/g, '_')}`}`;
const zshText = (text: string): string => short(text).replaceAll(/[[\]:\\]/g, '');

function zshFunction(node: Node): string {
  const flags = node.flags.map((f) => {
    const value = f.choices.length > 0 ? `:value:(${f.choices.join(' ')})` : f.takesValue ? ':value:_files' : '';
    return `    ${quoted(`${f.long}[${zshText(f.description)}]${value}`)} \\`;
  });
  if (node.children.length === 0)
    return `${zshName(node)}() {\n  _arguments \\\n${flags.join('\n')}\n    '*:file:_files'\n}`;
  const names = node.children.map((c) => `      ${quoted(`${c.name}:${zshText(c.description)}`)}`);
  const cases = node.children.map((c) => `        ${c.name}) ${zshName(c)} ;;`);
  return `${zshName(node)}() {
  local context state line
  _arguments -C \\
${flags.join('\n')}${flags.length > 0 ? '\n' : ''}    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${names.join('\n')}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
${cases.join('\n')}
      esac ;;
  esac
}`;
}

/** Returns the script for fish, with descriptions. */
export function fish(root: Node): string {
  const lines = all(root).flatMap((node) => [
    ...node.children.map(
      (c) => `complete -c sluice -f -n ${quoted(fishAt(node))} -a ${c.name} -d ${quoted(short(c.description))}`,
    ),
    ...node.flags.map((f) => fishFlag(node, f)),
  ]);
  return `# sluice completion fish: put it into ~/.config/fish/completions/sluice.fish\n${lines.join('\n')}\n`;
}

/** The condition under which a node's words are offered. */
function fishAt({ path, children }: Node): string {
  if (path === '') return '__fish_use_subcommand';
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const none = children.length > 0 ? [`not __fish_seen_subcommand_from ${children.map((c) => c.name).join(' ')}`] : [];
  return [...seen, ...none].join('; and ');
}

function fishFlag(node: Node, { long, short: letter, description, takesValue, choices }: Flag): string {
  const parts = [`complete -c sluice -n ${quoted(fishAt(node))} -l ${long.slice(2)}`];
  if (letter) parts.push(`-s ${letter.slice(1)}`);
  if (takesValue) parts.push(choices.length > 0 ? `-x -a ${quoted(choices.join(' '))}` : '-r');
  return [...parts, `-d ${quoted(short(description))}`].join(' ');
}
