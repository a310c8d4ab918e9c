"""How the encoder's ONNX graph is made from the published weights."""
