// The shapes: how each is read, written, outlined and taken hold of. Positions are image pixels.
"use strict";
(() => {
  const whole = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });

  /** Opposite corners in order: top left, bottom right. */
  function sorted([a, b]) {
    const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
    const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
    return [{ x: left, y: top }, { x: right, y: bottom }];
  }

  const line = (points) => `M${points.map(({ x, y }) => `${x} ${y}`).join("L")}`;
  const corner = (number) => (points, to) => points.map((point, index) => (index === number ? to : point));
  const corners = (points) => points.map((point, number) => ({ at: point, set: corner(number) }));
  const vertices = {
    read: (value) => value.vertices.map(({ x, y }) => ({ x, y })),
    write: (label, points) => ({ label, vertices: points.map(whole) }),
    handles: corners,
  };

  /** A shape to begin with by keyboard, around a place: opposite corners, or all four of them. */
  function around({ x, y }, width, height, four) {
    const [left, right, top, bottom] = [x - width / 2, x + width / 2, y - height / 2, y + height / 2];
    const [a, c] = [{ x: left, y: top }, { x: right, y: bottom }];
    return four ? [a, { x: right, y: top }, c, { x: left, y: bottom }] : [a, c];
  }

  /** Wider and taller by so many pixels, from the upper left corner; at least one pixel is left. */
  function grown(points, right, down) {
    const stretched = (axis, by) => {
      const values = points.map((point) => point[axis]);
      const low = Math.min(...values);
      const size = Math.max(...values) - low;
      return size ? (value) => low + ((value - low) * Math.max(1, size + by)) / size : (value) => value;
    };
    const [x, y] = [stretched("x", right), stretched("y", down)];
    return points.map((point) => ({ x: x(point.x), y: y(point.y) }));
  }

  const box = {
    key: "boundingBoxes",
    noun: "box",
    plural: "boxes",
    hint: "Drag to draw a box. Select one to move or resize it; arrow keys move it, Delete removes it. By keyboard: Enter sets one, [ ] { } change its size.",
    by: "dragging",
    closed: true,
    read: ({ left, top, width, height }) => [{ x: left, y: top }, { x: left + width, y: top + height }],
    write: (label, points) => {
      const [from, to] = sorted(points).map(whole);
      return { height: to.y - from.y, label, left: from.x, top: from.y, width: to.x - from.x };
    },
    path: ([a, b]) => `M${a.x} ${a.y}H${b.x}V${b.y}H${a.x}Z`,
    /** Four corners and four sides. */
    handles: (points) => {
      const [a, b] = points;
      const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      const found = [];
      for (const [x, sideX] of [[a.x, 0], [middle.x, null], [b.x, 1]]) {
        for (const [y, sideY] of [[a.y, 0], [middle.y, null], [b.y, 1]]) {
          if (sideX === null && sideY === null) continue;
          found.push({
            at: { x, y },
            set: (old, to) =>
              old.map((point, index) => ({
                x: index === sideX ? to.x : point.x,
                y: index === sideY ? to.y : point.y,
              })),
          });
        }
      }
      return found;
    },
    tidy: sorted,
  };

  const polygon = {
    ...vertices,
    key: "polygons",
    noun: "polygon",
    hint: "Click corner after corner; the first one, a double click or Enter closes it. Escape gives up, Backspace takes a corner back. By keyboard: Enter sets one, arrow keys move it, [ ] { } change its size.",
    by: "clicking",
    least: 3,
    closed: true,
    path: (points) => `${line(points)}Z`,
  };
  const polyline = {
    ...vertices,
    key: "polylines",
    noun: "polyline",
    hint: "Click point after point; a double click or Enter ends it. Escape gives up, Backspace takes a point back. By keyboard: Enter sets one, arrow keys move it, [ ] { } change its size.",
    by: "clicking",
    least: 2,
    path: line,
  };
  const segment = {
    ...vertices,
    key: "lines",
    noun: "line",
    hint: "Drag to draw a line. Select one to move it or its ends; arrow keys move it, Delete removes it. By keyboard: Enter sets one, [ ] { } change its size.",
    by: "dragging",
    path: line,
  };
  const keypoint = {
    key: "keypoints",
    noun: "keypoint",
    hint: "Click to set a point. Select one to move it; arrow keys move it, Delete removes it. By keyboard: Enter sets one, [ ] { } change its size.",
    by: "setting",
    read: ({ x, y }) => [{ x, y }],
    write: (label, [point]) => ({ label, ...whole(point) }),
    path: null,
    handles: corners,
  };

  Object.assign(window.groundTruthCrowd, { around, grown, KINDS: { box, keypoint, line: segment, polygon, polyline } });
})();
