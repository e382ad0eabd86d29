using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.Admin;

/// <summary>Charges of vendors in the columns of FOCUS.</summary>
/// <param name="Lines">A line for each day, account, provider, model, key, person and user.</param>
/// <param name="NextCursor">Continues after the last line; null at the end.</param>
public sealed record AdminFocusPage(IReadOnlyList<AdminFocusLine> Lines, string? NextCursor);

/// <summary>
/// A line of a cost report in the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification); columns of ours begin with <c>x_</c>.
/// </summary>
public sealed record AdminFocusLine
{
    /// <summary>What the vendors charge the operator, as far as it is known.</summary>
    [JsonPropertyName("BilledCost")]
    public required decimal BilledCost { get; init; }

    /// <summary>The same.</summary>
    [JsonPropertyName("EffectiveCost")]
    public required decimal EffectiveCost { get; init; }

    /// <summary>The same.</summary>
    [JsonPropertyName("ListCost")]
    public required decimal ListCost { get; init; }

    /// <summary>The same.</summary>
    [JsonPropertyName("ContractedCost")]
    public required decimal ContractedCost { get; init; }

    /// <summary>Always <c>USD</c>.</summary>
    [JsonPropertyName("BillingCurrency")]
    public string BillingCurrency { get; init; } = "USD";

    /// <summary>The first moment of the month.</summary>
    [JsonPropertyName("BillingPeriodStart")]
    public required string BillingPeriodStart { get; init; }

    /// <summary>The first moment after the month.</summary>
    [JsonPropertyName("BillingPeriodEnd")]
    public required string BillingPeriodEnd { get; init; }

    /// <summary>The first moment of the day.</summary>
    [JsonPropertyName("ChargePeriodStart")]
    public required string ChargePeriodStart { get; init; }

    /// <summary>The first moment after the day.</summary>
    [JsonPropertyName("ChargePeriodEnd")]
    public required string ChargePeriodEnd { get; init; }

    /// <summary>Always <c>Usage</c>.</summary>
    [JsonPropertyName("ChargeCategory")]
    public string ChargeCategory { get; init; } = "Usage";

    /// <summary>Always <c>Usage-Based</c>.</summary>
    [JsonPropertyName("ChargeFrequency")]
    public string ChargeFrequency { get; init; } = "Usage-Based";

    /// <summary>In words.</summary>
    [JsonPropertyName("ChargeDescription")]
    public required string ChargeDescription { get; init; }

    /// <summary>The account.</summary>
    [JsonPropertyName("SubAccountId")]
    public required string SubAccountId { get; init; }

    /// <summary>The provider that ran the tasks.</summary>
    [JsonPropertyName("ProviderName")]
    public required string ProviderName { get; init; }

    /// <summary>Always <c>AI and Machine Learning</c>.</summary>
    [JsonPropertyName("ServiceCategory")]
    public string ServiceCategory { get; init; } = "AI and Machine Learning";

    /// <summary>The provider again: its service is what is used.</summary>
    [JsonPropertyName("ServiceName")]
    public required string ServiceName { get; init; }

    /// <summary>The model's id.</summary>
    [JsonPropertyName("SkuId")]
    public required string SkuId { get; init; }

    /// <summary>Tasks that ended.</summary>
    [JsonPropertyName("ConsumedQuantity")]
    public required long ConsumedQuantity { get; init; }

    /// <summary>Always <c>Tasks</c>.</summary>
    [JsonPropertyName("ConsumedUnit")]
    public string ConsumedUnit { get; init; } = "Tasks";

    /// <summary>The API key.</summary>
    [JsonPropertyName("x_KeyId")]
    public required string KeyId { get; init; }

    /// <summary>The person whose key it was; empty if nobody's.</summary>
    [JsonPropertyName("x_MemberId")]
    public required string MemberId { get; init; }

    /// <summary>The client's own user; empty if none was given.</summary>
    [JsonPropertyName("x_EndUser")]
    public required string EndUser { get; init; }

    /// <summary>Tasks with a result.</summary>
    [JsonPropertyName("x_Succeeded")]
    public required long Succeeded { get; init; }

    /// <summary>Credits that the account was charged.</summary>
    [JsonPropertyName("x_CreditsCharged")]
    public required long CreditsCharged { get; init; }

    /// <summary>Credits that were given back on this day.</summary>
    [JsonPropertyName("x_CreditsRefunded")]
    public required long CreditsRefunded { get; init; }

    /// <summary>What the credits charged less those refunded are worth, in <c>BillingCurrency</c>.</summary>
    [JsonPropertyName("x_CreditValue")]
    public required decimal CreditValue { get; init; }

    /// <summary>Length of the results.</summary>
    [JsonPropertyName("x_Seconds")]
    public required double Seconds { get; init; }

    /// <summary>Size of the results.</summary>
    [JsonPropertyName("x_Bytes")]
    public required long Bytes { get; init; }
}
