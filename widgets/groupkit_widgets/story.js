// What a place on the plot means: the entry, its term, and who held it when it became committed.
function storyAt(store, time) {
  const { history, live } = store;
  const names = [...live.peers.keys()];
  const index = Math.max(0, ...names.map((name) => history.at(name, time)));
  const reign = history.reigns.findLast((one) => one.start <= time && one.end > time);
  const who = reign ? `${reign.peer} leads term ${reign.term}` : "nobody leads";
  if (!index) return `${inSeconds(time)}: ${who}, nothing is committed`;
  const firsts = names.map((name) => (history.steps.get(name) ?? []).find((step) => step[1] >= index)?.[0] ?? Infinity);
  const first = Math.min(...firsts);
  const then = store.momentAt(first);
  const held = [...then.peers.values()].filter((peer) => peer.role !== "down" && peer.last >= index).map((peer) => peer.name);
  const entry = entryOf(then.peers.get(names[firsts.indexOf(first)]), index);
  const what = entry ? `: ${entry[1]} of term ${entry[0]}` : "";
  return `${inSeconds(time)}: ${who}. Index ${index}${what}, committed at ${inSeconds(first)} when ${someNames(held)} held it`;
}
