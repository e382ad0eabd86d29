using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.People;

/// <summary>What is to become of a member; null keeps a part as it is.</summary>
internal sealed record MemberChange
{
    public string? Role { get; init; }

    public GrantLimit? SpendPerDay { get; init; }

    public GrantLimit? SpendPerMonth { get; init; }

    public MemberModels? Models { get; init; }

    /// <summary>All of the place as it then is.</summary>
    public Place On(Membership member) => new(
        Role ?? member.Role,
        SpendPerDay is { } day ? day.Credits : member.SpendPerDay,
        SpendPerMonth is { } month ? month.Credits : member.SpendPerMonth,
        Models is { } models ? KeyLists.Column(models.Ids) : member.Models);
}

/// <summary>Ids of models; null is all.</summary>
internal readonly record struct MemberModels(IReadOnlyList<string>? Ids);

/// <summary>What a member may do and spend.</summary>
/// <param name="Models">Ids with spaces between; null is all.</param>
internal sealed record Place(string Role, long? SpendPerDay, long? SpendPerMonth, string? Models);
