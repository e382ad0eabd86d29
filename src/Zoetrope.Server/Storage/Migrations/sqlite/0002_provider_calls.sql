-- What a generation's attempt was said in the provider's words, and with which key: JSON, null for the sandbox.
alter table generations add column provider_call text;

-- The key's fingerprint, the secret part of the callback URL, and what the vendor's support asks for.
alter table attempts add column key_id text;
alter table attempts add column callback_token text;
alter table attempts add column request_id text;
