// What lies at a place, asked of the features themselves: a canvas has no elements to click.

function boundsOf(coordinates, box) {
  if (typeof coordinates[0] === "number") {
    box[0] = Math.min(box[0], coordinates[0]);
    box[1] = Math.min(box[1], coordinates[1]);
    box[2] = Math.max(box[2], coordinates[0]);
    box[3] = Math.max(box[3], coordinates[1]);
  } else {
    coordinates.forEach((part) => boundsOf(part, box));
  }
  return box;
}

function featureBox(feature) {
  feature.box = feature.box || boundsOf(feature.geometry.coordinates, [180, 90, -180, -90]);
  return feature.box;
}

function latLngBounds(feature) {
  const [west, south, east, north] = featureBox(feature);
  return L.latLngBounds([south, west], [north, east]);
}

function isInside(feature, lng, lat, slack) {
  const [west, south, east, north] = featureBox(feature);
  if (lng < west - slack || lng > east + slack || lat < south - slack || lat > north + slack) {
    return false;
  }
  // Pieces can be a decimetre wide: their box and a finger's slack will do.
  if (east - west < slack || north - south < slack) return true;
  const { type, coordinates } = feature.geometry;
  const polygons = type === "MultiPolygon" ? coordinates : [coordinates];
  return type.endsWith("Polygon") && polygons.some((rings) => crossesOddly(rings, lng, lat));
}

function crossesOddly(rings, lng, lat) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x1, y1] = ring[i];
      const [x2, y2] = ring[j];
      if (y1 > lat !== y2 > lat && lng < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) {
        inside = !inside;
      }
    }
  }
  return inside;
}
