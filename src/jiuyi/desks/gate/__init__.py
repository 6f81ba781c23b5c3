"""The rush: the few addresses that everybody wants at the same second. Knows the kernel and scheduling's words, nothing else."""
