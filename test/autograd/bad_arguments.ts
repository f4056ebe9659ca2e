/** What a call that cannot be done says, with the name of its error. */
export const SENTENCES = {
  'tensor of too few values': 'ShapeError: Tensor: shape [2,2] has 4 elements, the data 3.',
  'tensor of a negative size': 'ShapeError: Tensor: sizes must be whole numbers of at least 0; the shape is [-2].',
  'tensor of half a size': 'ShapeError: Tensor: sizes must be whole numbers of at least 0; the shape is [1.5].',
  'add of shapes that do not broadcast':
    'ShapeError: add: shape [2,4] does not repeat over [2,3], nor that over it: aligned at the last dimension, sizes must be equal or 1.',
  'mul of shapes that do not broadcast':
    'ShapeError: mul: shape [4] does not repeat over [3], nor that over it: aligned at the last dimension, sizes must be equal or 1.',
  'matmul of inner sizes that differ': 'ShapeError: matmul: [2,3] and [4,5] do not fit: 3 columns meet 4 rows.',
  'matmul of a vector': 'ShapeError: matmul: both operands must be matrices; their shapes are [3] and [3,2].',
  'bmm of batches that differ':
    'ShapeError: bmm: both operands must be [B, rows, columns] with one B; their shapes are [2,3,4] and [3,4,5].',
  'bmm of matrices':
    'ShapeError: bmm: both operands must be [B, rows, columns] with one B; their shapes are [3,4] and [4,5].',
  'reshape to another count': 'ShapeError: reshape: the shape [2,3] has 6 elements, which do not fit [4,2].',
  'reshape with two unknown sizes': 'ShapeError: reshape: the shape [2,3] has 6 elements, which do not fit [-1,-1].',
  'flatten of a dimension that is not there': 'ShapeError: flatten: there is no dimension 5 in the shape [2,3].',
  'transpose of a dimension that is not there': 'ShapeError: transpose: there is no dimension 2 in the shape [2,3].',
  'permute with a dimension twice':
    'ShapeError: permute: the order [0,0] does not name each dimension of the shape [2,3] once.',
  'permute with too few dimensions':
    'ShapeError: permute: the order [0,1] does not name each dimension of the shape [2,3,4] once.',
  'concat of nothing': 'ShapeError: concat: at least one tensor is needed.',
  'concat of other sizes': 'ShapeError: concat: the shapes [2,3], [3,4] differ in more than dimension 1.',
  'concat over a dimension that is not there': 'ShapeError: concat: there is no dimension 4 in the shape [2,3].',
  'slice of too many dimensions':
    'ShapeError: slice: 2 ranges for the shape [2]; there may be one for each of at most 4 dimensions.',
  'slice with step 0': 'ShapeError: slice: 0:4:0 is no range of dimension 0 of the shape [4].',
  'pad by a negative number':
    'ShapeError: pad: the numbers of zeros must be integers of at least 0; they are [[-1,0]].',
  'indexSelect of a dimension that is not there':
    'ShapeError: indexSelect: there is no dimension 3 in the shape [2,3].',
  'sum over a dimension that is not there': 'ShapeError: sum: there is no dimension 2 in the shape [2,3].',
  'sum over a dimension twice': 'ShapeError: sum: dimension 0 of the shape [2,3] is given twice.',
  'max of nothing': 'ShapeError: max: dimension 0 of the shape [0,3] has no elements to choose from.',
  'argmax over a dimension that is not there': 'ShapeError: argmax: there is no dimension 7 in the shape [2,3].',
  'softmax of a number': 'ShapeError: softmax: logits [N, C] are needed; the shape is [].',
  'conv2d of a matrix': 'ShapeError: conv2d: the input must be [N, H, W, CI]; its shape is [2,3].',
  'conv2d of other channels': 'ShapeError: conv2d: the input [1,8,8,3] has 3 channels, the weight [3,3,4,4] expects 4.',
  'conv2d of a kernel larger than the image':
    'ShapeError: conv2d: the weight [5,5,3,4] does not fit into the input [1,2,2,3] with padding [0, 0].',
  'conv2d with stride 0': 'ShapeError: conv2d: stride must be an integer of at least 1, or two of them; it is 0.',
  'conv2d with a negative padding':
    'ShapeError: conv2d: padding must be an integer of at least 0, or two of them; it is -1.',
  'conv2d with dilation 0': 'ShapeError: conv2d: dilation must be an integer of at least 1, or two of them; it is 0.',
  'conv2d with groups that do not divide':
    'ShapeError: conv2d: 3 input and 4 output channels cannot be cut into 2 equal groups.',
  'conv2d with a bias of another size':
    'ShapeError: conv2d: the bias must be [4] for the weight [3,3,3,4]; its shape is [5].',
  'convTranspose2d of other channels':
    'ShapeError: convTranspose2d: the input [1,2,2,3] has 3 channels, the weight [2,2,4,4] expects 4.',
  'maxPool2d with kernel 0':
    'ShapeError: maxPool2d: kernelSize must be an integer of at least 1, or two of them; it is 0.',
  'maxPool2d with half a kernel':
    'ShapeError: maxPool2d: kernelSize must be an integer of at least 1, or two of them; it is 1.5.',
  'maxPool2d with more padding than half a kernel':
    'ShapeError: maxPool2d: padding [2, 2] is more than half of the window [2, 2].',
  'maxPool2d of an image too small': 'ShapeError: maxPool2d: the window [3, 3] does not fit into the input [1,1,1,1].',
  'avgPool2d of a matrix': 'ShapeError: avgPool2d: the input must be [N, H, W, C]; its shape is [4,4].',
  'adaptiveAvgPool2d to nothing':
    'ShapeError: adaptiveAvgPool2d: outputSize must be an integer of at least 1, or two of them; it is 0.',
  'interpolate without a size': 'ShapeError: interpolate: give either size or scaleFactor.',
  'interpolate by a negative factor':
    'ShapeError: interpolate: scaleFactor must be a number above 0, or two of them; it is -1.',
  'pad2d by reflection beyond the image':
    'ShapeError: pad2d: a border by reflection must be less wide than the image; it is [5, 5, 5, 5] around [1,2,2,1].',
  'groupNorm with groups that do not divide': 'ShapeError: groupNorm: 4 channels cannot be cut into 3 equal groups.',
  'layerNorm over other sizes':
    "ShapeError: layerNorm: the input's last axes must be [4], which are normalised; its shape is [2,3].",
  'dropout with a probability of 2': 'RangeError: dropout: p must be from 0 to 1; it is 2.',
  'dropout with a probability that is no number': 'RangeError: dropout: p must be from 0 to 1; it is NaN.',
  'crossEntropy of other counts': 'ShapeError: crossEntropy: logits [3,4] need 3 labels; their shape is [2].',
  'crossEntropy of a vector': 'ShapeError: crossEntropy: logits [N, C] are needed; the shape is [4].',
  'backward of a tensor that is no number':
    'ShapeError: backward: a tensor of shape [2] is not one number; reduce it with sum() or mean(), or pass its gradient.',
  'backward of a tensor that nothing needs':
    'Error: backward: nothing this tensor was computed from requires a gradient, or it was computed inside noGrad().',
  'linear of other sizes':
    'ShapeError: linear: an input [N, in] and a weight [in, out] are needed; their shapes are [2,3] and [4,5].',
  'an optimizer without parameters': 'Error: SGD: there are no parameters to optimize.',
  'an optimizer with a negative rate': 'RangeError: SGD: lr must be a number of at least 0, not -1.',
  'Adam with a beta of 1': 'RangeError: Adam: each of betas must be a number of at least 0 and below 1, not 1.',
  'clipGradNorm by a negative norm': 'RangeError: clipGradNorm: maxNorm must be a number of at least 0, not -1.',
  'tensor of two negative sizes':
    'ShapeError: Tensor: sizes must be whole numbers of at least 0; the shape is [-2,-3].',
  'tensor of halves that come to a whole':
    'ShapeError: Tensor: sizes must be whole numbers of at least 0; the shape is [1.5,2].',
  'a layer of a negative size': 'ShapeError: init: sizes must be whole numbers of at least 0; the shape is [3,3,-3,4].',
} as const;
