"""Phase files and the features that they become."""
