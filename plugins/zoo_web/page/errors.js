// The one kind of error whose text is meant for people.

export const TOKEN_WANTED = "This server wants an access token; ask whoever runs it for one.";

/** What went wrong, in plain words. */
export class UserError extends Error {
  /**
   * @param {string} message a sentence for the person.
   * @param {{retry?: boolean, token?: boolean}} help whether trying again may help, and whether a token is wanted.
   */
  constructor(message, { retry = false, token = false } = {}) {
    super(message);
    this.retry = retry;
    this.token = token;
  }
}
