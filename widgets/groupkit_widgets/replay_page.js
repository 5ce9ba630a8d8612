// In a page of its own: the still picture makes room, and the keys work wherever the focus is.

const stage = document.getElementById("replay");
const told = JSON.parse(document.getElementById("run").textContent);
stage.replaceChildren();
document.querySelector("footer").hidden = false;
const replay = new Replay(stage, told);
document.addEventListener("keydown", (event) => {
  if (!replay.root.contains(event.target)) replay.key(event);
});
