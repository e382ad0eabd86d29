using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>What proves a person beside the password: a code of their authenticator app, or one of the recovery codes.</summary>
internal sealed class SecondFactor(Database database, PeopleKeys keys, TimeProvider time)
{
    private static readonly Problem WrongCode = Problems.SignInFailed.With(
        "This is not the code that the authenticator app shows now, or it was used. Wait for the next one.", "code");

    /// <summary>Whether one of the two is right. Either works once.</summary>
    public async Task<bool> PassesAsync(Person person, string? code, string? recoveryCode)
    {
        if (code is null)
        {
            return recoveryCode is not null && await RecoveryCodes.UseAsync(database, person.Id, recoveryCode, time.GetUtcNow());
        }

        if (person.TotpSealed is not { } whole || keys.Open(PurposeOf(person), whole) is not { } secret
            || Totp.StepOf(secret, code, time.GetUtcNow()) is not { } step)
        {
            return false;
        }

        var again = keys.IsCurrent(PurposeOf(person), whole) ? null : keys.Seal(PurposeOf(person), secret);
        return await database.InTransactionAsync(async tx =>
        {
            if (!await PersonStore.UseStepAsync(tx, person.Id, step))
            {
                return false;
            }

            if (again is not null)
            {
                await PersonStore.TakeTotpAsync(tx, person.Id, again, step);
            }

            return true;
        });
    }

    /// <summary>A secret for the app, which counts once a code of it was entered.</summary>
    public async Task<byte[]> OfferAsync(Person person)
    {
        var secret = Totp.NewSecret();
        var whole = keys.Seal(PurposeOf(person), secret);
        await database.InTransactionAsync(tx => PersonStore.OfferTotpAsync(tx, person.Id, whole));
        return secret;
    }

    /// <summary>Turns it on with its first code, and returns the recovery codes.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> ConfirmAsync(Person person, string code)
    {
        if (person.TotpPending is not { } whole || keys.Open(PurposeOf(person), whole) is not { } secret)
        {
            return Problems.InvalidOperation.With("No authenticator app waits for its first code. Ask for a secret first.");
        }

        if (Totp.StepOf(secret, code, time.GetUtcNow()) is not { } step)
        {
            return WrongCode;
        }

        var (codes, hashes) = RecoveryCodes.New(person.Id);
        await database.InTransactionAsync(async tx =>
        {
            await PersonStore.TakeTotpAsync(tx, person.Id, whole, step);
            await RecoveryCodes.ReplaceAsync(tx, person.Id, hashes);
            await PersonChange.WriteAsync(tx, person, "person.authenticator_added", time.GetUtcNow());
        });
        return Outcome.Of(codes);
    }

    public Task RemoveAsync(Person person) => database.InTransactionAsync(async tx =>
    {
        await PersonStore.RemoveTotpAsync(tx, person.Id);
        await RecoveryCodes.RemoveAsync(tx, person.Id);
        await PersonChange.WriteAsync(tx, person, "person.authenticator_removed", time.GetUtcNow());
    });

    public async Task<Outcome<IReadOnlyList<string>>> RenewCodesAsync(Person person)
    {
        if (person.TotpSealed is null)
        {
            return Problems.InvalidOperation.With("Recovery codes stand in for an authenticator app, and you have none. Set one up first.");
        }

        var (codes, hashes) = RecoveryCodes.New(person.Id);
        await database.InTransactionAsync(async tx =>
        {
            await RecoveryCodes.ReplaceAsync(tx, person.Id, hashes);
            await PersonChange.WriteAsync(tx, person, "person.recovery_codes_renewed", time.GetUtcNow());
        });
        return Outcome.Of(codes);
    }

    private static string PurposeOf(Person person) => "totp " + person.Id;
}
