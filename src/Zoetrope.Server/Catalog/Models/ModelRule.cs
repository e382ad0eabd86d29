using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>A condition over several parameters that their own limits cannot say.</summary>
internal abstract record ModelRule(string Message)
{
    /// <summary>At least one of these must be given.</summary>
    internal sealed record AnyOf(ImmutableArray<int> Parameters, string Message) : ModelRule(Message);

    /// <summary>While one parameter has one of these values, another is limited to some of its own.</summary>
    internal sealed record WhenThen(
        int When,
        ImmutableArray<int> WhenOrdinals,
        int Then,
        ImmutableArray<int> ThenOrdinals,
        string Message) : ModelRule(Message);

    /// <summary>Where every item of an array has the field, its sum equals a parameter.</summary>
    internal sealed record ItemSum(int Items, string Field, int Total, string Message) : ModelRule(Message);
}
