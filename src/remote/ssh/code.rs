//! libssh2's error numbers (libssh2.h, `LIBSSH2_ERROR_*`) sorted by what they mean here.

use ssh2::{Error, ErrorCode};

/// Text of an error, without its number.
pub(super) fn words(error: &Error) -> String {
    error.message().to_owned()
}

fn is(error: &Error, codes: &[i32]) -> bool {
    matches!(error.code(), ErrorCode::Session(code) if codes.contains(&code))
}

/// EAGAIN: the operation has to be repeated once the socket is ready.
pub(super) fn again(error: &Error) -> bool {
    is(error, &[-37])
}

/// The peer closed or broke the connection: banner not received (-2, -1), SOCKET_SEND, SOCKET_DISCONNECT, SOCKET_RECV.
pub(super) fn disconnected(error: &Error) -> bool {
    is(error, &[-1, -2, -7, -13, -43])
}

/// The peer did not answer in time: TIMEOUT, SOCKET_TIMEOUT.
pub(super) fn timed_out(error: &Error) -> bool {
    is(error, &[-9, -30])
}

/// The peer refused this login: AUTHENTICATION_FAILED, PUBLICKEY_UNVERIFIED.
pub(super) fn refused(error: &Error) -> bool {
    is(error, &[-18, -19])
}

/// The peer never answered a login: libssh2 gives that the same number as a refused key, and these words.
pub(super) fn unanswered(error: &Error) -> bool {
    is(error, &[-19]) && error.message().starts_with("Waiting for")
}

/// The private key could not be read: FILE, KEYFILE_AUTH_FAILED. With an encrypted key this is a wrong passphrase.
pub(super) fn bad_key(error: &Error) -> bool {
    is(error, &[-16, -48])
}

/// The peer refused to open a channel: CHANNEL_FAILURE.
pub(super) fn channel_refused(error: &Error) -> bool {
    is(error, &[-21])
}
