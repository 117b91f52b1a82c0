// Puts the page together around the map that folium made.

window.spatialplanPage = function (map) {
  const contents = JSON.parse(document.getElementById("page-contents").textContent);
  const panel = document.querySelector(".panel");
  L.control.zoom({ position: "topleft" }).addTo(map);
  const home = L.latLngBounds(contents.home);
  const goHome = () => map.fitBounds(home, { padding: [14, 14], animate: false });
  goHome();
  keepScale(map, contents.phrases);
  const grid = followPointer(map, contents);
  const layers = makeLayers(map, contents);
  const labels = makeLabels(map, contents);
  wireTabs(panel);
  wireSwitches(map, panel, layers, labels);
  wireLists(map, panel, layers, labels);
  const sites = contents.screening ? wireSites(map, panel, contents, labels) : null;
  answerClicks(map, layers, contents.phrases, sites);
  labels.place();
  fitPaper(map, labels, home);
  window.spatialplan = { map, goHome, sites, grid };
};

// A canvas keeps the size that it was drawn in: it is drawn anew for the sheet, and back again.
// Paper cannot be unfolded, so everything is open on it.
function fitPaper(map, labels, home) {
  let before = null;
  let folded = [];
  const redraw = (bounds) => {
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds, { animate: false });
    labels.place();
  };
  window.addEventListener("beforeprint", () => {
    before = { centre: map.getCenter(), zoom: map.getZoom() };
    const seen = map.getBounds();
    folded = [...document.querySelectorAll(".panel details:not([open])")];
    folded.forEach((part) => { part.open = true; });
    map.closePopup();
    document.body.classList.add("printing");
    redraw(seen.contains(home) ? home : seen);
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    folded.forEach((part) => { part.open = false; });
    map.invalidateSize({ animate: false, pan: false });
    if (before) map.setView(before.centre, before.zoom, { animate: false });
    labels.place();
  });
}
