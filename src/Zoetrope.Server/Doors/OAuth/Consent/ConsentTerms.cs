namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>Who decides on the consent page: the holder of an API key, with the credits that its mode has.</summary>
internal sealed record Consenter(Caller Caller, string ApiKey, long Balance)
{
    // A record prints its members, and the key must not reach a log by accident.
    public override string ToString() => Caller.ApiKeyId;
}

/// <summary>The second step of the consent page: what there is, what things cost, and what the person wrote or is proposed.</summary>
/// <param name="Ticket">Stands for the API key of the first step.</param>
/// <param name="Person">Who decides.</param>
/// <param name="Prices">What results cost.</param>
/// <param name="SpendPerDay">The field's text.</param>
/// <param name="AskAbove">The field's text.</param>
internal sealed record ConsentTerms(
    string Ticket, Consenter Person, IReadOnlyList<PriceExample> Prices, string SpendPerDay, string AskAbove);
