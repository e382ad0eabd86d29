using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>A connection that keeps what it prepared: the driver prepares anew for every call, which would be most of a seed's time.</summary>
internal sealed class SimConnection(string connectionString) : SqliteConnection(connectionString)
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    protected override DbCommand CreateDbCommand() => new Command(this);

    protected override void Dispose(bool disposing)
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
        base.Dispose(disposing);
    }

    private sealed class Command(SimConnection connection) : DbCommand
    {
        // Only its parameters are used.
        private readonly SqliteCommand _given = new();

        [AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; } = connection;

        protected override DbParameterCollection DbParameterCollection => _given.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
        }

        public override void Prepare()
        {
        }

        public override int ExecuteNonQuery() => Ready().ExecuteNonQuery();

        public override object? ExecuteScalar() => Ready().ExecuteScalar();

        protected override DbParameter CreateDbParameter() => new SqliteParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Ready().ExecuteReader(behavior & ~CommandBehavior.CloseConnection);

        private SqliteCommand Ready()
        {
            if (!connection._prepared.TryGetValue(CommandText, out var command))
            {
                connection._prepared[CommandText] = command = new SqliteCommand(CommandText, connection);
            }

            command.Parameters.Clear();
            foreach (SqliteParameter parameter in _given.Parameters)
            {
                command.Parameters.AddWithValue(parameter.ParameterName, parameter.Value ?? DBNull.Value);
            }

            return command;
        }
    }
}
