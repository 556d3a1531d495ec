namespace Weft.Config;

/// <summary>Where a thing stands in a configuration file.</summary>
/// <param name="File">The file as it was named on the command line, or a name such as <c>--config-yaml</c> for text that is in no file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>; only the file when the line is not known (0).</summary>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
