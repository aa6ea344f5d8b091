"""Files over HTTP: multipart bodies in, ranges out, both as streams."""
