// path-independent ids: builds are byte-identical wherever the checkout lives
module.exports = { optimization: { moduleIds: "natural", chunkIds: "natural" } };
