"""Natural cover along the corridors (生态廊道): cross-sections, gaps, pinch points."""
