"""Events, the Merkle log over them, and its verification."""
