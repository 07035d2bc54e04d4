"""PDFs in, cited passages out: reading, passages, embedding, index. No Qt, no engine."""
