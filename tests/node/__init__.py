"""What runs in Node.js: tools that judge the server and its schema from outside."""
