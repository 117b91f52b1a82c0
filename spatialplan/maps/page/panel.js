// The panel: tabs, layer switches, and lists that lead to places on the map.

function wireTabs(panel) {
  const tabs = [...panel.querySelectorAll("[data-tab]")];
  const open = (name) => {
    tabs.forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.tab === name)));
    panel.querySelectorAll("[data-page]").forEach((page) => {
      page.classList.toggle("current", page.dataset.page === name);
    });
  };
  tabs.forEach((tab) => tab.addEventListener("click", () => {
    open(tab.dataset.tab);
    setSheet(panel, true);
  }));
  const handle = panel.querySelector(".handle");
  handle.addEventListener("click", () => setSheet(panel, !panel.classList.contains("open")));
  open(tabs[0].dataset.tab);
}

// On a phone the panel is a sheet at the bottom; elsewhere this changes nothing to be seen.
function setSheet(panel, isOpen) {
  panel.classList.toggle("open", isOpen);
  panel.querySelector(".handle").setAttribute("aria-expanded", String(isOpen));
}

function wireSwitches(map, panel, layers, labels) {
  panel.querySelectorAll("[data-layer]").forEach((input) => {
    const layer = layers.find((one) => one.key === input.dataset.layer);
    if (!layer) return;
    input.checked = layer.shown;
    input.addEventListener("change", () => {
      showLayer(map, layers, layer, input.checked);
      const isNamed = labels.names.some((name) => name.key === layer.key);
      if (isNamed) toggle(labels, "township", input.checked);
    });
  });
  panel.querySelectorAll("[data-mark]").forEach((input) => {
    input.addEventListener("change", () => toggle(labels, input.dataset.mark, input.checked));
  });
}

function toggle(labels, kind, shown) {
  if (shown) labels.off.delete(kind);
  else labels.off.add(kind);
  labels.place();
}

function wireLists(map, panel, layers, labels) {
  panel.querySelectorAll(".piece").forEach((button) => button.addEventListener("click", () => {
    panel.querySelectorAll(".piece.current").forEach((other) => other.classList.remove("current"));
    button.classList.add("current");
    setSheet(panel, false);
    goToPiece(map, panel, layers, button.dataset.key);
  }));
  panel.querySelectorAll(".element").forEach((button) => button.addEventListener("click", () => {
    const mark = labels.marks.find((one) => one.text === button.dataset.element);
    setSheet(panel, false);
    if (!mark) return;
    map.setView(mark.at, Math.max(map.getZoom(), 10.5), { animate: false });
    mark.show();
  }));
}

function goToPiece(map, panel, layers, key) {
  const layer = layers.find((one) => one.features.some((f) => f.properties.key === key));
  if (!layer) return;
  const input = panel.querySelector(`[data-layer="${CSS.escape(layer.key)}"]`);
  if (!layer.shown) showLayer(map, layers, layer, true);
  if (input) input.checked = true;
  const feature = layer.features.find((f) => f.properties.key === key);
  const bounds = latLngBounds(feature);
  map.fitBounds(bounds.pad(0.8), { maxZoom: 18, animate: false });
  const top = L.latLng(bounds.getNorth(), bounds.getCenter().lng);
  popupAt(map, top, [describe(layer, feature.properties)], "");
}
