using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// One piece of a compiled format: it writes a value taken from the context. Immutable, shared by all workers; allocates nothing.
/// </summary>
internal abstract class FormatOperator
{
    [ThreadStatic]
    private static ByteWriter? t_escaped;

    /// <summary>In JSON the value is of another type than text (a number, an object); whoever overrides <see cref="TryWriteJson"/> says so.</summary>
    public virtual bool IsTyped => false;

    /// <summary>Appends the value as text; false, with nothing appended, when there is none.</summary>
    public abstract bool TryWrite(in FormatContext context, ByteWriter output);

    /// <summary>Appends the value as JSON of its own type; false, with nothing appended, when there is none.</summary>
    public virtual bool TryWriteJson(in FormatContext context, ByteWriter output)
    {
        var start = output.Length;
        output.Write((byte)'"');
        if (!TryWriteEscaped(context, output))
        {
            output.Truncate(start);
            return false;
        }

        output.Write((byte)'"');
        return true;
    }

    /// <summary>Appends the value as the inside of a JSON string.</summary>
    public bool TryWriteEscaped(in FormatContext context, ByteWriter output)
    {
        var start = output.Length;
        if (!TryWrite(context, output))
            return false;
        var written = output.Written[start..];
        if (!JsonText.NeedsEscape(written))
            return true;
        var escaped = t_escaped ??= new ByteWriter();
        escaped.Clear();
        JsonText.WriteEscaped(escaped, written);
        output.Truncate(start);
        output.Write(escaped.Written);
        return true;
    }
}
