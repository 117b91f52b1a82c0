// Symbols and names: the elements of the pattern always have theirs, a township's name gives way.

function makeLabels(map, contents) {
  const pane = map.createPane("names");
  pane.style.zIndex = 620;
  pane.classList.add("leaflet-zoom-hide");
  const marks = contents.marks.map((mark) => addMark(map, pane, mark));
  const names = contents.names.map((name) => {
    const label = element("div", "map-label township", name.text);
    pane.append(label);
    return { ...name, kind: "township", label };
  });
  const state = { pane, marks, names, off: new Set() };
  const place = () => placeLabels(map, state);
  map.on("zoomend moveend resize viewreset", place);
  state.place = place;
  return state;
}

function addMark(map, pane, mark) {
  const symbol = element("button", "map-mark");
  symbol.type = "button";
  symbol.title = mark.text;
  symbol.append(element("span", `mark ${mark.kind}`));
  const label = element("div", `map-label ${mark.kind}`, mark.text);
  const leader = element("div", "map-leader");
  pane.append(leader, symbol, label);
  L.DomEvent.disableClickPropagation(symbol);
  const show = () => {
    const item = element("div", "popup-item");
    item.append(element("p", "over", mark.facts.group), element("p", "name", mark.text));
    if (mark.facts.area) item.append(element("p", "area", mark.facts.area));
    if (mark.facts.note) item.append(element("p", "note", mark.facts.note));
    popupAt(map, mark.at, [item], "");
  };
  symbol.addEventListener("click", show);
  return { ...mark, symbol, label, leader, show };
}

function placeLabels(map, state) {
  const taken = furnitureBoxes(map);
  const visible = state.marks.filter((mark) => setHidden(mark, state.off.has(mark.kind)));
  visible.forEach((mark) => {
    mark.spot = map.latLngToContainerPoint(mark.at);
    taken.push(box(mark.spot.x - 11, mark.spot.y - 11, 22, 22));
    L.DomUtil.setPosition(mark.symbol, map.latLngToLayerPoint(mark.at));
  });
  visible.forEach((mark) => taken.push(placeBeside(map, mark, taken)));
  state.names.forEach((name) => {
    const spot = map.latLngToContainerPoint(name.at);
    const [width, height] = [name.label.offsetWidth, name.label.offsetHeight];
    const wanted = box(spot.x - width / 2 - 3, spot.y - height / 2, width + 6, height);
    const free = !state.off.has("township") && !taken.some((other) => overlap(wanted, other));
    name.label.classList.toggle("hidden", !free);
    if (free) taken.push(wanted);
    moveTo(map, name.label, { left: wanted.left + 3, top: wanted.top });
  });
}

function setHidden(mark, hidden) {
  [mark.symbol, mark.label, mark.leader].forEach((part) => { part.hidden = hidden; });
  return !hidden;
}

// Nearest free place around the symbol; a leader joins the two when they had to part.
function placeBeside(map, mark, taken) {
  const [width, height] = [mark.label.offsetWidth, mark.label.offsetHeight];
  const size = map.getSize();
  let best = null;
  for (const distance of [15, 30, 50, 75, 105, 140, 180]) {
    for (let step = 0; step < 16; step++) {
      const angle = ((step % 2 ? step + 1 : -step) / 2) * (Math.PI / 8);
      const x = mark.spot.x + distance * Math.cos(angle);
      const y = mark.spot.y + distance * Math.sin(angle);
      const wanted = box(
        x - (width * (1 - Math.cos(angle))) / 2,
        y - (height * (1 - Math.sin(angle))) / 2, width, height);
      const outside = wanted.left < 4 || wanted.top < 4
        || wanted.right > size.x - 4 || wanted.bottom > size.y - 4;
      const cost = taken.reduce((sum, other) => sum + 3 * overlap(wanted, other), 0)
        + distance * 3 + step + (outside ? 4000 : 0);
      if (!best || cost < best.cost) best = { cost, wanted, distance, angle };
    }
  }
  moveTo(map, mark.label, best.wanted);
  drawLeader(map, mark, best);
  return best.wanted;
}

function drawLeader(map, mark, best) {
  mark.leader.hidden = best.distance < 30;
  L.DomUtil.setPosition(mark.leader, map.latLngToLayerPoint(mark.at));
  mark.leader.style.width = `${best.distance}px`;
  mark.leader.style.transform += ` rotate(${best.angle}rad)`;
}

function box(left, top, width, height) {
  return { left, top, right: left + width, bottom: top + height };
}

function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

function moveTo(map, label, wanted) {
  L.DomUtil.setPosition(label, map.containerPointToLayerPoint([wanted.left, wanted.top]).round());
}

function furnitureBoxes(map) {
  const origin = map.getContainer().getBoundingClientRect();
  const parts = ".north, .scale, .base-warning, .leaflet-control-zoom, .views, .site-number";
  return [...document.querySelectorAll(parts)]
    .map((part) => part.getBoundingClientRect())
    .map((part) => box(part.left - origin.left, part.top - origin.top, part.width, part.height));
}
