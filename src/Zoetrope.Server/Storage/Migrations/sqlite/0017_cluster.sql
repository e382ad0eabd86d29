-- Who drives a running task; always null here, where there is one node.
alter table generations add column owner text;
