namespace Weft.Config.Printing;

/// <summary>Takes a value piece by piece and writes it as text of some form.</summary>
internal interface IValueWriter
{
    void BeginMapping();

    void Key(string key);

    void EndMapping();

    void BeginList();

    void EndList();

    /// <summary>Text, quoted where the form wants it.</summary>
    void Text(string value);

    /// <summary>A number, true, false or null: never quoted.</summary>
    void Bare(string value);
}
