namespace Zoetrope.Server.Storage;

/// <summary>
/// Rows that are kept for a time and then deleted. A slice knows which of its own these are; <see cref="Housekeeping"/> asks.
/// </summary>
internal interface IRetention
{
    /// <summary>The table, as logs name it.</summary>
    string Table { get; }

    /// <summary>How long to wait before looking again, once nothing old is left.</summary>
    TimeSpan Every { get; }

    /// <summary>What is deleted belongs to this process, not to the database that all nodes share.</summary>
    bool IsOwn => false;

    /// <summary>Deletes some old rows in one short transaction. Returns how many there were; 0 means that no old row is left.</summary>
    Task<int> DeleteSomeAsync();
}
