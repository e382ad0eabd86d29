using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>What people enter, as a door or a page read it, and what is wrong with it. A refusal never repeats a secret.</summary>
internal static class EntryFields
{
    public const int MaxBody = 8 * 1024;
    public const int MaxId = 64;

    public static Credentials Credentials(RequestFields fields, string? email = null) => new()
    {
        Email = email ?? fields.Text("email", Person.MaxEmailLength, required: true) ?? "",
        Password = fields.SecretText("password", required: true) ?? "",
        Code = fields.SecretText("code"),
        RecoveryCode = fields.SecretText("recoveryCode"),
    };

    public static Newcomer Newcomer(RequestFields fields) => new()
    {
        Token = fields.SecretText("token", required: true) ?? "",
        Name = fields.Text("name", Person.MaxNameLength, required: true) ?? "",
        Email = fields.Text("email", Person.MaxEmailLength, required: true) ?? "",
        Password = fields.SecretText("password", required: true) ?? "",
    };

    /// <summary>What is wrong with what a new person entered.</summary>
    public static Problem? Refusal(Newcomer newcomer) =>
        newcomer.Name.Trim().Length is 0 or > Person.MaxNameLength
            ? Problems.InvalidParameter.With($"name must have 1 to {Person.MaxNameLength} characters.", "name")
            : Refusal(newcomer.Email) ?? PasswordRefusal(newcomer.Password);

    public static Problem? PasswordRefusal(string password) => password.Length is >= Passwords.MinLength and <= Passwords.MaxLength
        ? null
        : Problems.InvalidParameter.With(
            $"The password must have {Passwords.MinLength} to {Passwords.MaxLength} characters. Any characters will do.",
            "password",
            allowed: $"{Passwords.MinLength}..{Passwords.MaxLength} characters");

    private static Problem? Refusal(string email) => SignIn.IsAddress(email) ? null : SignIn.NoAddress;
}
