"""What is Vietnamese: text repaired by syllable, names read as a Vietnamese clerk reads them."""
