/** Shows, in the header that stays on screen, whether the page is connected, and which reconciler leads. */
import { setText } from './dom.js';
import { ago, fullTime, zone } from './format.js';

const WORDS = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost; the numbers here are old; the page tries again by itself',
};

export function header() {
  const link = document.getElementById('link');
  const leader = document.getElementById('leader');
  setText(document.getElementById('zone'), `times in ${zone()}`);
  return {
    say(state) {
      link.className = `link ${state}`;
      setText(link, WORDS[state]);
    },
    /** `reconciler`: { id, role, leader? }; undefined while the server does not tell. */
    lead(reconciler) {
      leader.hidden = reconciler === undefined;
      if (reconciler === undefined) return;
      const { id, role, leader: other } = reconciler;
      setText(leader, wordsOf(id, role, other));
      leader.className = role === 'standby' ? 'warn' : 'dim';
      leader.title = other ? `leads since ${fullTime(other.since)}` : '';
    },
  };
}

function wordsOf(id, role, leader) {
  if (role === 'single') return id;
  if (role === 'leader') return `${id} leads`;
  return leader
    ? `standby: ${leader.id} leads, last seen ${ago(leader.lastSeen)}`
    : 'standby: no leader is known; nothing is scaled now';
}
