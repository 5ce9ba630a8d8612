// In a notebook: one replay, with a playhead of its own, for each place where the widget is shown.

function render({ model, el }) {
  return startReplay(el, JSON.parse(model.get("_run")));
}

export default { render };
